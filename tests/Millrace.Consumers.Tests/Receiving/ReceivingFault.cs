namespace Millrace.Tests.Receiving;

/// <summary>A mistake that is made on purpose, to see that the simulation finds it.</summary>
internal enum ReceivingFault
{
    None,

    /// <summary>No message is noted as handled.</summary>
    InboxOff,

    /// <summary>A message is acknowledged before it is handled, and the node dies between the two.</summary>
    AcknowledgedTooEarly,

    /// <summary>The messages of a key go into whichever partition.</summary>
    KeysScattered,
}
