namespace Millrace.Generators.Json;

/// <summary>The names that generated code uses in a format.</summary>
/// <param name="Reading">The class that reads primitives and keys.</param>
/// <param name="WrapperReader">The method of ids and values that reads one.</param>
/// <param name="TextKey">An expression that reads a string key.</param>
/// <param name="Writer">The writer as an argument.</param>
/// <param name="WriteNull">A statement, without semicolon, that writes null.</param>
/// <param name="NameOf">The class that reads and writes a type.</param>
/// <param name="Write">A statement, without semicolon, that writes a primitive.</param>
internal sealed record FormatSyntax(
    string Reading,
    string WrapperReader,
    string TextKey,
    string Writer,
    string WriteNull,
    Func<JsonType, string> NameOf,
    Func<Primitive, string, string> Write);
