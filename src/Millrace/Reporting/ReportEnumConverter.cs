using System.Text.Json;
using System.Text.Json.Serialization;

namespace Millrace.Reporting;

/// <summary>Writes the values of an enumeration as names in camel case.</summary>
internal sealed class ReportEnumConverter<T>() : JsonStringEnumConverter<T>(JsonNamingPolicy.CamelCase)
    where T : struct, Enum;
