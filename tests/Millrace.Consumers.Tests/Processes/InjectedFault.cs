namespace Millrace.Tests.Processes;

/// <summary>A deliberate fault, to check that the simulation detects it.</summary>
internal enum InjectedFault
{
    None,

    /// <summary>Each attempt of a step has another id, so that an external service repeats its work.</summary>
    IdOfStepLost,

    /// <summary>A consumer's command has no idempotency key, so that a repeated event counts again.</summary>
    KeyOfConsumerLost,

    /// <summary>The effect of a step is committed first, and its completion afterwards.</summary>
    StepTorn,

    /// <summary>The storage does not check the versions of process streams.</summary>
    VersionsIgnored,

    /// <summary>The checkpoint moves before an event is handled, and the node dies between the two.</summary>
    CheckpointTooEarly,
}
