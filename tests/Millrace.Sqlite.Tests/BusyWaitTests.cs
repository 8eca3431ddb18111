using System.Diagnostics;
using System.Runtime.InteropServices;

namespace Millrace.Sqlite.Tests;

/// <summary>Tests that SQLite sleeps for the requested milliseconds and not for whole seconds.</summary>
public sealed partial class BusyWaitTests
{
    [Fact]
    public void A_library_without_millisecond_sleep_still_sleeps_for_milliseconds()
    {
        Assert.NotEmpty(SqliteLibrary.Version); // Loads the library.
        var begin = Stopwatch.GetTimestamp();

        for (var i = 0; i < 20; i++)
            _ = sqlite3_sleep(2);

        // Without the replacement, the library of the package sleeps a second for each call.
        Assert.InRange(Stopwatch.GetElapsedTime(begin), TimeSpan.FromMilliseconds(40), TimeSpan.FromSeconds(10));
    }

    [Fact]
    public void An_interrupted_thread_continues_its_sleep()
    {
        Assert.NotEmpty(SqliteLibrary.Version);
        _ = sqlite3_sleep(1); // Resolves the function.
        var slept = 0;
        var thread = new Thread(() => slept = sqlite3_sleep(50));
        thread.Start();

        thread.Interrupt(); // An exception that leaves the native library would end the process.

        Assert.True(thread.Join(TimeSpan.FromSeconds(30)));
        Assert.NotEqual(0, slept);
    }

    [LibraryImport("e_sqlite3")]
    private static partial int sqlite3_sleep(int milliseconds);
}
