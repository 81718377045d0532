import { ReflectApply } from './primordials.js';

// biome-ignore lint/suspicious/noExplicitAny: of any parameters
type AnyFunction = (this: unknown, ...args: any[]) => unknown;

type FunctionsOf<Module> = {
  [Name in keyof Module as Module[Name] extends AnyFunction ? Name : never]: Module[Name];
};

/**
 * Functions of a module that most programs never call: each loads it when it is first called. Loading
 * takes nothing from an arena, whatever scope that is in.
 *
 * @param load - requires the module
 * @returns what gives one of the module's functions, by its name
 */
export function deferred<Module extends object>(
  load: () => Module,
): <Name extends keyof FunctionsOf<Module> & string>(name: Name) => Module[Name] {
  return (name) => {
    let loaded: AnyFunction | undefined;
    const standIn = {
      [name](this: unknown, ...args: unknown[]): unknown {
        loaded ??= load()[name] as AnyFunction;
        return ReflectApply(loaded, this, args);
      },
    };
    return standIn[name] as never;
  };
}
