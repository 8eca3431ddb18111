namespace Millrace.Tests;

/// <summary>A step in a schedule of nodes on one store.</summary>
public enum NodeStep
{
    Append,
    Join,
    Leave,
    Disconnect,
    Reconnect,
    WaitForWork,
}
