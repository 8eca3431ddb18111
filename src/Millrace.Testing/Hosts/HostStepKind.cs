namespace Millrace.Testing.Hosts;

/// <summary>The kind of a step of a host specification.</summary>
internal enum HostStepKind
{
    /// <summary>Adds earlier events.</summary>
    Given,

    /// <summary>Performs an action.</summary>
    When,

    /// <summary>Expects a result.</summary>
    Then,

    /// <summary>Expects a refusal or an exception.</summary>
    ThenFailed,

    /// <summary>Expects a dead letter.</summary>
    ThenDeadLetter,

    /// <summary>Checks any part of the application, including failures.</summary>
    ThenOn,
}
