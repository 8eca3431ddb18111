namespace Millrace.Generators.Json;

/// <summary>The names and expressions that generated code uses for a format.</summary>
/// <param name="Reading">The class that reads primitives and keys.</param>
/// <param name="WrapperReader">The name of the method with which an id or a value type reads a value.</param>
/// <param name="TextKey">An expression that reads a string key.</param>
/// <param name="Writer">The expression that passes the writer as an argument.</param>
/// <param name="WriteNull">A statement, without semicolon, that writes null.</param>
/// <param name="NameOf">Returns the name of the class that reads and writes a type.</param>
/// <param name="Write">A statement, without semicolon, that writes a primitive.</param>
internal sealed record FormatSyntax(
    string Reading,
    string WrapperReader,
    string TextKey,
    string Writer,
    string WriteNull,
    Func<JsonType, string> NameOf,
    Func<Primitive, string, string> Write);
