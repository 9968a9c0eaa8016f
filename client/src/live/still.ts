/** The last picture of a video, over it while the video itself has none: browsers show black when its track is exchanged. */
export class Still {
  readonly canvas = document.createElement('canvas');

  constructor() {
    this.canvas.hidden = true;
    this.canvas.setAttribute('aria-hidden', 'true');
  }

  /** Keeps what the video shows now. */
  take(video: HTMLVideoElement): void {
    if (video.videoWidth === 0) return;
    this.canvas.width = video.videoWidth;
    this.canvas.height = video.videoHeight;
    this.canvas.getContext('2d')?.drawImage(video, 0, 0);
    this.canvas.hidden = false;
  }

  /** The video shows a picture of its own again, or none is wanted. */
  drop(): void {
    if (!this.canvas.hidden) this.canvas.hidden = true;
  }
}
