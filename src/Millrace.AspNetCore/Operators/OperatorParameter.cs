namespace Millrace.AspNetCore;

/// <summary>What may be given in the query string of a route for operators.</summary>
internal sealed record OperatorParameter(string Name, Type Type, string Meaning);
