namespace Millrace.Consuming;

/// <summary>Reads the documents of one collection at a time on this node.</summary>
internal interface ICollectionReader
{
    /// <summary>Returns true if this reader currently reads the collection.</summary>
    bool IsReading(string collection);
}
