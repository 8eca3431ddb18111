namespace Millrace;

/// <summary>The state of a case of the recovery manager.</summary>
public enum RecoveryState
{
    /// <summary>The fault has not lasted long enough.</summary>
    Observing,

    /// <summary>An operator has requested an action, and no node has started it yet.</summary>
    Requested,

    /// <summary>An action runs.</summary>
    Acting,

    /// <summary>An action has ended, and the health is checked.</summary>
    Verifying,

    /// <summary>An attempt has failed, and the next one follows after a pause.</summary>
    Waiting,

    /// <summary>The manager would act, but only records it (<see cref="RecoveryOptions.IsDryRun"/>).</summary>
    Planned,

    /// <summary>A person must act.</summary>
    GivenUp,

    /// <summary>The fault has disappeared. Its attempts still count for <see cref="RecoveryRule.Window"/>.</summary>
    Healed,
}
