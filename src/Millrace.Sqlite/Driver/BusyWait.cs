using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using SQLitePCL;

namespace Millrace.Sqlite.Driver;

/// <summary>Waits for a lock of another connection by retrying every millisecond.</summary>
/// <remarks>
/// SQLite's own wait sleeps for whole seconds if the library was built without microsecond sleep, as the package's
/// library is.
/// </remarks>
internal static unsafe class BusyWait
{
    private const int IntervalMilliseconds = 1;

    private static readonly ManualResetEventSlim Never = new(initialState: false, spinCount: 0);

    /// <summary>Sets the busy timeout of a connection. The handle must be open.</summary>
    public static void Set(sqlite3 connection, TimeSpan timeout)
    {
        var maxTries = (nint)timeout.TotalMilliseconds / IntervalMilliseconds;
        _ = NativeMethods.sqlite3_busy_handler(connection.DangerousGetHandle(), &OnBusy, maxTries);
    }

    /// <summary>Waits once before retrying an operation for which SQLite itself does not wait.</summary>
    public static void SleepOnce() => Never.Wait(IntervalMilliseconds, CancellationToken.None);

    /// <summary>Called by SQLite when a lock is busy; returns 0 to stop waiting.</summary>
    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static int OnBusy(nint maxTries, int tries)
    {
        if (tries >= maxTries)
            return 0;
        try
        {
            Never.Wait(IntervalMilliseconds, CancellationToken.None);
        }
        catch (ThreadInterruptedException)
        {
            return 0; // An exception must not pass through SQLite: it would end the process.
        }
        return 1;
    }
}
