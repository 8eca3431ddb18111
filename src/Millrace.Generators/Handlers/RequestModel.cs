using Millrace.Generators.Json;

namespace Millrace.Generators.Handlers;

/// <summary>A command or a query that the application sends to another service.</summary>
/// <param name="Message">The full name of its type.</param>
/// <param name="Result">The full name of the type of its answer.</param>
/// <param name="Json">The JSON of the message.</param>
/// <param name="ResultJson">The JSON of the answer.</param>
internal sealed record RequestModel(string Message, string Result, JsonGraph Json, JsonGraph ResultJson);
