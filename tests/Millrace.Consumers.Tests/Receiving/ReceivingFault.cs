namespace Millrace.Tests.Receiving;

/// <summary>A deliberate fault, to check that the simulation detects it.</summary>
internal enum ReceivingFault
{
    None,

    /// <summary>No message is recorded as handled.</summary>
    InboxOff,

    /// <summary>A message is acknowledged before it is handled, and the node dies between the two.</summary>
    AcknowledgedTooEarly,

    /// <summary>The messages of a key go into random partitions.</summary>
    KeysScattered,
}
