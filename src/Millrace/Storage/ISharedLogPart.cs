namespace Millrace.Storage;

/// <summary>The log of a tenant that is a part of a log that several tenants share.</summary>
internal interface ISharedLogPart
{
    /// <summary>Gets the log of all tenants.</summary>
    ILogStorage SharedLog { get; }
}
