using DuckDB.NET.Data;

namespace Millrace.Sql;

/// <summary>
/// Interrupts a command of the engine when a token is cancelled, again and again until it ends, because an interruption
/// before its start has no effect.
/// </summary>
internal sealed class Interruption : IDisposable
{
    private static readonly TimeSpan Interval = TimeSpan.FromMilliseconds(50);

    private readonly Lock _lock = new();
    private readonly DuckDBCommand _command;
    private readonly ITimer _timer;
    private readonly CancellationTokenRegistration _registration;
    private bool _isDisposed;

    public Interruption(DuckDBCommand command, CancellationToken cancellationToken)
    {
        _command = command;
        _timer = TimeProvider.System.CreateTimer(
            static state => ((Interruption)state!).Interrupt(), // Set below.
            this,
            Timeout.InfiniteTimeSpan,
            Timeout.InfiniteTimeSpan);
        _registration = cancellationToken.Register(
            static state => ((Interruption)state!)._timer.Change(TimeSpan.Zero, Interval), this); // Set here.
    }

    public void Dispose()
    {
        _registration.Dispose();
        _timer.Dispose();
        lock (_lock)
            _isDisposed = true;
    }

    private void Interrupt()
    {
        lock (_lock)
        {
            if (!_isDisposed)
                _command.Cancel();
        }
    }
}
