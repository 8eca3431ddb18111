using System.ComponentModel;

namespace Millrace.AspNetCore.Sql;

/// <summary>The body of a SQL statement.</summary>
internal sealed record SqlStatementRequest(
    [property: Description("One statement that reads.")] string Statement,
    [property: Description("The maximum number of rows; at most the limit of the application.")]
    int? MaxRows = null,
    [property: Description("The maximum seconds; at most the limit of the application.")] int? Seconds = null);
