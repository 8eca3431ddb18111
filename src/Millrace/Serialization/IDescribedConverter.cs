namespace Millrace.Serialization;

/// <summary>
/// A JSON converter that tells what it reads and writes, which System.Text.Json's metadata cannot say of converters.
/// Generated ones do; one of your own may, and its type is then described like all others.
/// </summary>
public interface IDescribedConverter
{
    /// <summary>How the type is written.</summary>
    TypeDescription Describe();
}
