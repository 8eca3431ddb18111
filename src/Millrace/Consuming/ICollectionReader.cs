namespace Millrace.Consuming;

/// <summary>Reads the documents of one collection at a time on this node.</summary>
internal interface ICollectionReader
{
    /// <summary>Returns true when it currently reads the collection.</summary>
    bool IsReading(string collection);
}
