namespace Millrace.Events;

/// <summary>The stored names of the events of the recovery manager.</summary>
internal static class RecoveryEvents
{
    /// <summary>A fault has lasted long enough.</summary>
    public const string Diagnosed = "recovery.diagnosed";

    /// <summary>The manager would have started an action, but only records it.</summary>
    public const string Planned = "recovery.planned";

    /// <summary>An operator requested an action.</summary>
    public const string Requested = "recovery.requested";

    /// <summary>A node started an action.</summary>
    public const string Started = "recovery.started";

    /// <summary>An action ended without an error.</summary>
    public const string Succeeded = "recovery.succeeded";

    /// <summary>An action failed, or its node ended during the action.</summary>
    public const string Failed = "recovery.failed";

    /// <summary>A fault has disappeared.</summary>
    public const string Healed = "recovery.healed";

    /// <summary>A fault has not disappeared after an action.</summary>
    public const string NotHealed = "recovery.not-healed";

    /// <summary>A person must act.</summary>
    public const string GivenUp = "recovery.given-up";

    /// <summary>A case ended because its rule was removed or disabled.</summary>
    public const string Dropped = "recovery.dropped";

    /// <summary>The stream of all steps.</summary>
    public static StreamId Stream { get; } = new("$recovery");

    /// <summary>Returns whether a name is a name of this class.</summary>
    public static bool Contains(string type) =>
        type
            is Diagnosed
                or Planned
                or Requested
                or Started
                or Succeeded
                or Failed
                or Healed
                or NotHealed
                or GivenUp
                or Dropped;
}
