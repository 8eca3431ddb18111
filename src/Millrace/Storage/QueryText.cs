using System.Text;

namespace Millrace.Storage;

/// <summary>Describes queries in words.</summary>
internal static class QueryText
{
    public static string Of(LogPageQuery query) =>
        $"up to {query.Limit:N0} of {query.Filter}{(query.IsBackwards ? ", newest first" : "")}";

    public static string Of(StreamPageQuery query) =>
        $"up to {query.Limit:N0} events of stream '{query.Stream}'{(query.IsBackwards ? ", newest first" : "")}";

    public static string Of(DocumentQuery query)
    {
        var text = new StringBuilder($"up to {query.Limit:N0} documents of '{query.Collection}'");
        for (var i = 0; i < query.Conditions.Count; i++)
        {
            var condition = query.Conditions[i];
            text.Append(i == 0 ? " where " : " and ").Append(condition.Field).Append(' ')
                .Append(SymbolOf(condition.Comparison)).Append(' ').Append(condition.Value);
        }
        text.Append(" by ").Append(query.OrderBy ?? "key");
        return text.Append(query.IsDescending ? ", descending" : "").ToString();
    }

    public static string SymbolOf(Comparison comparison) => comparison switch
    {
        Comparison.Equal => "=",
        Comparison.NotEqual => "!=",
        Comparison.Less => "<",
        Comparison.LessOrEqual => "<=",
        Comparison.Greater => ">",
        Comparison.GreaterOrEqual => ">=",
        Comparison.StartsWith => "starts with",
        Comparison.GreaterOrNull => "is null or >",
        _ => throw new ArgumentOutOfRangeException(nameof(comparison), comparison, "Undefined comparison."),
    };
}
