using System.Diagnostics;
using System.Runtime.InteropServices;

namespace Millrace.Sqlite.Tests;

/// <summary>The library sleeps as long as it asks for, and not for whole seconds.</summary>
public sealed partial class BusyWaitTests
{
    [Fact]
    public void A_library_without_a_fine_sleep_sleeps_for_milliseconds_all_the_same()
    {
        Assert.NotEmpty(SqliteLibrary.Version); // Loads it.
        var begin = Stopwatch.GetTimestamp();

        for (var i = 0; i < 20; i++)
            _ = sqlite3_sleep(2);

        // The library of the package took a second for each.
        Assert.InRange(Stopwatch.GetElapsedTime(begin), TimeSpan.FromMilliseconds(40), TimeSpan.FromSeconds(10));
    }

    [Fact]
    public void A_thread_that_is_interrupted_in_its_sleep_continues()
    {
        Assert.NotEmpty(SqliteLibrary.Version);
        _ = sqlite3_sleep(1); // Finds the function.
        var slept = 0;
        var thread = new Thread(() => slept = sqlite3_sleep(50));
        thread.Start();

        thread.Interrupt(); // At its start or in its sleep: an exception that leaves the library would end the process.

        Assert.True(thread.Join(TimeSpan.FromSeconds(30)));
        Assert.NotEqual(0, slept);
    }

    [LibraryImport("e_sqlite3")]
    private static partial int sqlite3_sleep(int milliseconds);
}
