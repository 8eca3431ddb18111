using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using SQLitePCL;

namespace Millrace.Sqlite;

/// <summary>Waits for another connection that holds a lock, asking again every millisecond.</summary>
/// <remarks>
/// SQLite's own waiting sleeps for whole seconds where its library was built without microseconds, as that of the
/// package was.
/// </remarks>
internal static unsafe class BusyWait
{
    private const int IntervalMilliseconds = 1;

    private static readonly ManualResetEventSlim Never = new(initialState: false, spinCount: 0);

    /// <summary>Sets how long a connection waits. The handle must be open.</summary>
    public static void Set(sqlite3 connection, TimeSpan timeout)
    {
        var most = (nint)timeout.TotalMilliseconds / IntervalMilliseconds;
        _ = NativeMethods.sqlite3_busy_handler(connection.DangerousGetHandle(), &Ask, most);
    }

    /// <summary>Waits once, before asking for what SQLite itself does not wait for.</summary>
    public static void SleepOnce() => Never.Wait(IntervalMilliseconds, CancellationToken.None);

    /// <summary>Called by SQLite when it is busy; 0 gives up.</summary>
    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static int Ask(nint most, int asked)
    {
        if (asked >= most)
            return 0;
        try
        {
            Never.Wait(IntervalMilliseconds, CancellationToken.None);
        }
        catch (ThreadInterruptedException)
        {
            return 0; // No exception may pass through SQLite: it would end the process.
        }
        return 1;
    }
}
