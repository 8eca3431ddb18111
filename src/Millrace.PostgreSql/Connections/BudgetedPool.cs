using System.Data;
using Npgsql;

namespace Millrace.PostgreSql;

/// <summary>The connections to one database, of those that a node may have to several. The numbers belong to the
/// budget.</summary>
internal sealed class BudgetedPool(NpgsqlDataSource source, ConnectionBudget budget) : IAsyncDisposable
{
    public NpgsqlDataSource Source { get; } = source;

    /// <summary>How many are in use.</summary>
    public int Rented { get; set; }

    /// <summary>How many there are, those in use included.</summary>
    public int Held { get; set; }

    /// <summary>Counts how often the pool was cleared: what was taken before is closed when it is given back.</summary>
    public long Round { get; set; }

    /// <summary>When one was last given back.</summary>
    public long LeftAt { get; set; }

    public bool IsRemoved { get; set; }

    /// <summary>Opens a connection when there is a place for it; closing it gives the place back.</summary>
    public async ValueTask<NpgsqlConnection> Open(CancellationToken cancellationToken)
    {
        var round = await budget.Take(this, cancellationToken).ConfigureAwait(false);
        try
        {
            var connection = await Source.OpenPrimary(cancellationToken).ConfigureAwait(false);
            var isGivenBack = 0;
            connection.StateChange += (_, change) =>
            {
                if (change.CurrentState == ConnectionState.Closed && Interlocked.Exchange(ref isGivenBack, 1) == 0)
                    budget.Release(this, round);
            };
            return connection;
        }
        catch
        {
            budget.Failed(this);
            throw;
        }
    }

    public async ValueTask DisposeAsync()
    {
        await Source.DisposeAsync().ConfigureAwait(false);
        budget.Remove(this);
    }
}
