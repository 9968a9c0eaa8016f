/** A short-lived process that tries one provider. Its argument is a `Trial`, what it says to its parent are `TrialMessage`s. */
import { getPriority, setPriority } from 'node:os';
import { watchParent } from '../../parent-watch.ts';
import { ModelRunner } from '../model-runner.ts';
import { asSoftware } from './software.ts';
import { tryProvider } from './trial.ts';
import { Trial, type TrialMessage } from './verdict.ts';

/** Nice value: a GPU made of software takes every core for seconds. Threads that are started later inherit it. */
const NICE = 12;

watchParent();
setPriority(Math.max(NICE, getPriority()));
const trial = Trial.parse(JSON.parse(process.argv[2] ?? ''));
const say = (message: TrialMessage, said?: () => void): void => void process.send!(message, undefined, undefined, said);
say({ type: 'verdict', verdict: await tryProvider(trial, say, { load: ModelRunner.load, asSoftware }) }, () => process.exit(0));
