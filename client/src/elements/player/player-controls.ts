import type { ReactiveController, ReactiveControllerHost } from 'lit';
import type { Variant } from '../../../../src/pipeline/media/info.ts';
import { liveAddress } from '../../live/address.ts';
import type { BoxesShown } from './boxes-panel.ts';
import type { PlayerBoxes } from './player-boxes.ts';
import { actionOf, type PlayerAction } from './shortcuts.ts';

/** Milliseconds after which the controls hide when nothing moves. */
const REST_MS = 2500;

/** The player, as far as it is operated. */
export interface ControlsHost extends HTMLElement, ReactiveControllerHost {
  readonly src: string;
  readonly token: string | undefined;
  readonly video: HTMLVideoElement;
  readonly controls: boolean;
  readonly variant: Variant;
  readonly boxes: BoxesShown;
  stats: boolean;
}

/** What a person does with a player: buttons, keys and the pointer, and what is open because of them. */
export class PlayerControls implements ReactiveController {
  readonly #host: ControlsHost;
  readonly #boxes: PlayerBoxes;
  /** The variant that boxes were part of, before they were hidden. */
  #before: Variant | undefined;
  #rest: ReturnType<typeof setTimeout> | undefined;
  #choosing = false;
  #help = false;
  #active = false;
  #fullscreen = false;
  #refused = false;

  constructor(host: ControlsHost, boxes: PlayerBoxes) {
    this.#host = host;
    this.#boxes = boxes;
    host.addController(this);
  }

  /** Whether the panel with the boxes is open. */
  get choosing(): boolean {
    return this.#choosing;
  }

  /** Whether the list of keys is open. */
  get help(): boolean {
    return this.#help;
  }

  /** Whether the pointer has moved lately. */
  get active(): boolean {
    return this.#active;
  }

  get fullscreen(): boolean {
    return this.#fullscreen;
  }

  /** Whether the server does not take it from this page that a source be tried again. */
  get refused(): boolean {
    return this.#refused;
  }

  hostConnected(): void {
    this.#host.addEventListener('fullscreenchange', this.#onFullscreen);
  }

  hostDisconnected(): void {
    clearTimeout(this.#rest);
    this.#host.removeEventListener('fullscreenchange', this.#onFullscreen);
  }

  /** Another server, or somebody else: it may take what it has refused. */
  admit(): void {
    if (!this.#refused) return;
    this.#refused = false;
    this.#host.requestUpdate();
  }

  /** Has the source tried again now; where the server does not take that from this page, it is not offered again. */
  readonly retry = async (): Promise<void> => {
    const { src, token } = this.#host;
    const address = liveAddress(src, location.href);
    if (address === undefined) return;
    const headers = new Headers();
    if (token !== undefined && token !== '') headers.set('Authorization', `Bearer ${token}`);
    const status = await fetch(`${address.api}/retry`, { method: 'POST', headers }).then((response) => response.status, () => 0);
    this.#refused = status === 401 || status === 403;
    this.#host.requestUpdate();
  };

  readonly act = (action: PlayerAction): void => {
    const host = this.#host;
    const { video } = host;
    switch (action) {
      case 'play':
        if (video.paused) video.play().catch(() => undefined);
        else video.pause();
        return;
      case 'sound':
        video.muted = !video.muted;
        return;
      case 'boxes':
        if (host.boxes === 'none') this.#boxes.show(this.#before === 'clean' ? 'drawn' : 'burned-in');
        else {
          this.#before = host.variant;
          this.#boxes.show('none');
        }
        return;
      case 'choices':
        this.#choosing = !this.#choosing;
        if (!this.#choosing) this.#boxes.pin(undefined);
        return host.requestUpdate();
      case 'figures':
        host.stats = !host.stats;
        return;
      case 'help':
        this.#help = !this.#help;
        return host.requestUpdate();
      case 'pip':
        // Both are refused where there is no picture yet.
        (document.pictureInPictureElement === null ? video.requestPictureInPicture() : document.exitPictureInPicture()).catch(() => undefined);
        return;
      case 'fullscreen':
        (document.fullscreenElement === null ? host.requestFullscreen() : document.exitFullscreen()).catch(() => undefined);
    }
  };

  readonly key = (event: KeyboardEvent): void => {
    // A button in focus answers to the space bar itself.
    const target = event.composedPath()[0] as Element;
    if (!this.#host.controls || (event.key === ' ' && (target.tagName === 'BUTTON' || target.tagName === 'INPUT'))) return;
    const open = this.#help ? 'help' : this.#choosing ? 'choices' : undefined;
    const action = event.key === 'Escape' ? open : actionOf(event);
    if (action === undefined) return;
    event.preventDefault();
    this.act(action);
  };

  readonly move = (event: PointerEvent): void => {
    this.#activate(true);
    clearTimeout(this.#rest);
    this.#rest = setTimeout(() => this.#activate(false), REST_MS);
    this.#boxes.move(event);
  };

  readonly leave = (): void => {
    this.#activate(false);
    this.#boxes.leave();
  };

  #activate(active: boolean): void {
    if (active === this.#active) return;
    this.#active = active;
    this.#host.requestUpdate();
  }

  readonly #onFullscreen = (): void => {
    // The document names the outermost host only.
    this.#fullscreen = this.#host.matches(':fullscreen');
    this.#host.requestUpdate();
  };
}
