import { EventEmitter } from 'node:events';
import express, { type Router } from 'express';
import { PeerConnection, type Track } from 'node-datachannel';
import type { ProblemError } from '../../src/http/problem.ts';

/** An offer, as it came. */
export interface WhipPost {
  readonly stream: string;
  readonly offer: string;
  /** The layers that it says it will send. */
  readonly scalabilityMode: string | undefined;
  readonly session: string;
}

interface StandInEvents {
  /** An offer has come, and is not answered yet. */
  offer: [post: WhipPost];
  /** An offer was answered. */
  post: [post: WhipPost];
  /** A session's first RTP packet came. */
  media: [session: string];
  /** A session was ended by its client. */
  delete: [session: string];
}

interface StandInSession {
  readonly peer: PeerConnection;
  /** Held: a track that nobody refers to is collected, and its packets with it. */
  readonly tracks: Track[];
}

/** Stands in for the server's WHIP endpoint (RFC 9725): a real peer, libdatachannel, that takes whatever codec comes, and decodes nothing. */
export class WhipStandIn extends EventEmitter<StandInEvents> implements Disposable {
  readonly posts: WhipPost[] = [];
  readonly deletes: string[] = [];
  /** What the next offers are refused with. */
  refusal: ProblemError | undefined;
  readonly router: Router;
  readonly #sessions = new Map<string, StandInSession>();

  constructor() {
    super();
    this.router = express.Router();
    this.router.post('/:id/whip', express.text({ type: 'application/sdp', limit: 65_536 }), async (request, response) => {
      if (this.refusal !== undefined) throw this.refusal;
      const post: WhipPost = { stream: String(request.params['id']), offer: String(request.body), scalabilityMode: request.query['scalabilityMode'] as string | undefined, session: String(this.posts.length + 1) };
      this.posts.push(post);
      this.emit('offer', post);
      const answer = await this.#answer(post);
      response.status(201).type('application/sdp').set('Location', `${request.baseUrl}/${post.stream}/whip/${post.session}`).send(answer);
      this.emit('post', post);
    });
    this.router.patch('/:id/whip/:session', ({ params: { session } }, response) => void response.status(this.#sessions.has(session) ? 204 : 404).end());
    this.router.delete('/:id/whip/:session', ({ params: { session } }, response) => {
      this.deletes.push(session);
      const found = this.#close(session);
      response.status(found ? 200 : 404).end();
      this.emit('delete', session);
    });
  }

  /** Ends all sessions, as a server that ends or gives the name to somebody else. */
  endAll(): void {
    for (const session of [...this.#sessions.keys()]) this.#close(session);
  }

  [Symbol.dispose](): void {
    this.endAll();
  }

  #answer({ offer, session }: WhipPost): Promise<string> {
    const peer = new PeerConnection(session, { iceServers: [], bindAddress: '127.0.0.1' });
    const tracks: Track[] = [];
    this.#sessions.set(session, { peer, tracks });
    let heard = false;
    peer.onTrack((track) => {
      tracks.push(track);
      track.onMessage(() => {
        if (!heard) this.emit('media', session);
        heard = true;
      });
    });
    return new Promise((resolve) => {
      peer.onGatheringStateChange((state) => {
        if (state === 'complete') resolve(peer.localDescription()!.sdp);
      });
      peer.setRemoteDescription(offer, 'offer');
    });
  }

  #close(session: string): boolean {
    const found = this.#sessions.get(session);
    this.#sessions.delete(session);
    found?.peer.close();
    return found !== undefined;
  }
}
