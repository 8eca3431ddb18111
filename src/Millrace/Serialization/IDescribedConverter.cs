namespace Millrace.Serialization;

/// <summary>
/// A JSON converter that describes its type. The metadata of System.Text.Json contains no such description of
/// converters. Generated converters implement it; custom converters may, and their types are then described like all
/// others.
/// </summary>
public interface IDescribedConverter
{
    /// <summary>Describes how the type is written.</summary>
    TypeDescription Describe();
}
