using Millrace.Testing;
using Millrace.Tests.Metrics;

namespace Millrace.Tests;

/// <summary>Lets time pass while a test waits.</summary>
internal static class PassingTime
{
    /// <summary>Waits for a task that waits by a virtual clock.</summary>
    public static async Task WhileTimePasses(this VirtualClock clock, Task task)
    {
        await Eventually.Until(
            () =>
            {
                clock.Advance(TimeSpan.FromMilliseconds(100));
                return task.IsCompleted;
            },
            TestNode.WaitTimeout);
        await task;
    }
}
