namespace Millrace.Tests.Receiving;

/// <summary>A fault that the simulation injects deliberately, to check that it detects the fault.</summary>
internal enum ReceivingFault
{
    None,

    /// <summary>No message is recorded in the inbox.</summary>
    NoInbox,

    /// <summary>
    /// A message is acknowledged before it is handled, and the node may die before it handles the message.
    /// </summary>
    EarlyAcknowledgement,

    /// <summary>The messages of a key are in random partitions.</summary>
    RandomPartitions,
}
