namespace Millrace;

/// <summary>Reads the documents of a node: those of one collection at a time.</summary>
internal interface ICollectionReader
{
    /// <summary>Whether it reads a collection now.</summary>
    bool IsReading(string collection);
}
