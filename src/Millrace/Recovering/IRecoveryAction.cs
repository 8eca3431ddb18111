namespace Millrace;

/// <summary>
/// An action of the recovery manager, such as a script that adds a node. Register it as a singleton service. Rules and
/// operators refer to it by its name.
/// </summary>
/// <remarks>
/// One node runs one action at a time. After a crash of the node, another node may repeat the action, as a further
/// attempt: make it idempotent.
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
