namespace Millrace.ObjectStorage.Tests;

/// <summary>The servers of the tests.</summary>
public enum ObjectServer
{
    /// <summary>Swift, with the interface of S3.</summary>
    S3,

    /// <summary>Azurite, with the interface of Azure Blob Storage.</summary>
    Azure,
}
