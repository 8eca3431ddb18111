namespace Millrace.Serialization;

/// <summary>
/// A JSON converter that describes the JSON of its type. The metadata of System.Text.Json does not describe types with
/// converters. Generated converters implement this interface. Custom converters can also implement it, so that OpenAPI
/// and tools can describe their types.
/// </summary>
public interface IDescribedConverter
{
    /// <summary>Returns a description of the type's JSON.</summary>
    TypeDescription Describe();
}
