namespace Millrace.Testing;

/// <summary>What a step of a specification of a host is for.</summary>
internal enum HostStepKind
{
    /// <summary>It makes the past.</summary>
    Given,

    /// <summary>Something happens.</summary>
    When,

    /// <summary>It expects something.</summary>
    Then,

    /// <summary>It expects a refusal or an error of what happened.</summary>
    ThenFailed,

    /// <summary>It expects a dead letter.</summary>
    ThenDeadLetter,

    /// <summary>It looks for itself, at what failed too.</summary>
    ThenOn,
}
