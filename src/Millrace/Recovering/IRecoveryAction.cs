namespace Millrace;

/// <summary>
/// An action of the recovery manager, such as a script that adds a node. Register it as a singleton service. Rules and
/// operators refer to it by its name.
/// </summary>
/// <remarks>
/// A node starts an action only after its last one has ended. After a crash of the node, another node may repeat the
/// action, as a further attempt: make it idempotent. If a node loses the right to act, for example while it is
/// suspended, and its action ignores the cancellation, then another node may act while that action still runs.
/// </remarks>
public interface IRecoveryAction
{
    /// <summary>Gets the stable name: lower case letters, digits and dashes.</summary>
    string Name { get; }

    /// <summary>Gets what the action does, as a sentence for operators.</summary>
    string Description { get; }

    /// <summary>Runs the action. An exception is a failure of the attempt.</summary>
    /// <param name="attempt">The attempt.</param>
    /// <param name="cancellationToken">Cancels the action after <see cref="RecoveryRule.ActionTimeout"/>, and when this
    /// node stops or has lost the right to act.</param>
    Task Run(RecoveryAttempt attempt, CancellationToken cancellationToken);
}
