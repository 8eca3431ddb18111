using FsCheck;
using FsCheck.Fluent;

namespace Millrace.Tests;

/// <summary>
/// Checks properties of asynchronous code. FsCheck blocks its thread, so the check runs apart from the threads of
/// xunit: there are only as many as processors, and all other tests need them to continue.
/// </summary>
internal static class BlockingProperty
{
    public static Task Run<T>(int tests, Gen<T> values, Func<T, Task<bool>> holds) =>
        Task.Run(() => Prop.ForAll(values.ToArbitrary(), value => holds(value).GetAwaiter().GetResult())
            .Check(Config.QuickThrowOnFailure.WithMaxTest(tests)));
}
