namespace Millrace.Orleans.Calls;

/// <summary>The bus that handles every command on this node.</summary>
internal static class LocalCommandBus
{
    /// <summary>The key of the service.</summary>
    public const string Key = "millrace.local";
}
