using System.Data;
using Npgsql;

namespace Millrace.PostgreSql.Connections;

/// <summary>
/// A pool of connections to one database that shares a <see cref="ConnectionBudget"/> with other pools. The budget
/// updates its counters.
/// </summary>
internal sealed class BudgetedPool(NpgsqlDataSource source, ConnectionBudget budget) : IAsyncDisposable
{
    public NpgsqlDataSource Source { get; } = source;

    /// <summary>The number of connections in use.</summary>
    public int InUseCount { get; set; }

    /// <summary>The number of open connections, including those in use.</summary>
    public int OpenCount { get; set; }

    /// <summary>
    /// Counts how often the pool was cleared. A connection opened before the last clear is closed when it is released.
    /// </summary>
    public long ClearCount { get; set; }

    /// <summary>The timestamp of the last release of a connection.</summary>
    public long LastReleasedAt { get; set; }

    public bool IsRemoved { get; set; }

    /// <summary>Opens a connection when the budget allows it. Closing the connection releases its slot.</summary>
    public async ValueTask<NpgsqlConnection> Open(CancellationToken cancellationToken)
    {
        var clearCount = await budget.Acquire(this, cancellationToken).ConfigureAwait(false);
        try
        {
            var connection = await Source.OpenPrimary(cancellationToken).ConfigureAwait(false);
            var isReleased = 0;
            connection.StateChange += (_, change) =>
            {
                if (change.CurrentState == ConnectionState.Closed && Interlocked.Exchange(ref isReleased, 1) == 0)
                    budget.Release(this, clearCount);
            };
            return connection;
        }
        catch
        {
            budget.ReleaseFailed(this);
            throw;
        }
    }

    public async ValueTask DisposeAsync()
    {
        await Source.DisposeAsync().ConfigureAwait(false);
        budget.Remove(this);
    }
}
