namespace Millrace.Tests.Processes;

/// <summary>A mistake that is made on purpose, to see that the simulation finds it.</summary>
internal enum InjectedFault
{
    None,

    /// <summary>Each attempt of a step has an id of its own, so that a service outside does again
    /// what it has done.</summary>
    IdOfStepLost,

    /// <summary>A consumer's command goes without its idempotency key, so that an event that
    /// comes again counts again.</summary>
    KeyOfConsumerLost,

    /// <summary>What a step did is committed first, and that it is done afterwards.</summary>
    StepTorn,

    /// <summary>The storage does not look at the versions of the streams of processes.</summary>
    VersionsIgnored,

    /// <summary>The checkpoint is moved before an event is handled, and the node dies between the two.</summary>
    CheckpointTooEarly,
}
