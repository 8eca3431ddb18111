namespace Millrace.AspNetCore.Operators;

/// <summary>A parameter in the query string of a route for operators.</summary>
internal sealed record OperatorParameter(string Name, Type Type, string Meaning);
