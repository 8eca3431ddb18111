namespace Millrace.Orleans.Activations;

/// <summary>
/// The activation of a stream. It exists on one node, and commands of the stream are handled there. Its key contains
/// the stream and the tenant.
/// </summary>
[Alias("millrace.aggregate")]
internal interface IAggregateGrain : IGrainWithStringKey
{
    /// <summary>Handles a command on the node of the activation.</summary>
    /// <param name="command">The command, written by <see cref="Calls.CommandWriter"/>.</param>
    /// <param name="cancellationToken">Cancels the command.</param>
    /// <returns>The answer or the failure, for <see cref="Calls.AnswerReader"/>.</returns>
    [Alias("handle")]
    [ResponseTimeout("02:00:00")] // The sender waits only for OrleansOptions.CommandTimeout.
    Task<byte[]> Handle([Immutable] byte[] command, CancellationToken cancellationToken);

    /// <summary>Does nothing, to check whether the node of the activation answers.</summary>
    [Alias("ping")]
    Task Ping();
}
