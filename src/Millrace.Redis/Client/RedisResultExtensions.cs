using StackExchange.Redis;

namespace Millrace.Redis.Client;

/// <summary>
/// Reads answers of Redis. An answer of an unexpected type results in a <see cref="RedisConnectionLostException"/>.
/// </summary>
internal static class RedisResultExtensions
{
    /// <summary>Returns the values of a list.</summary>
    /// <exception cref="RedisConnectionLostException">The answer is not a list.</exception>
    public static RedisResult[] Items(this RedisResult result, string subject) =>
        result.Length >= 0
            ? (RedisResult[])result!
            : throw RedisConnectionLostException.UnexpectedReply($"{subject} is {Description(result)} and not a list");

    /// <summary>Returns the texts of a list.</summary>
    /// <exception cref="RedisConnectionLostException">The answer is not a list of texts.</exception>
    public static RedisValue[] Values(this RedisResult result, string subject)
    {
        var items = result.Items(subject);
        var values = new RedisValue[items.Length];
        for (var i = 0; i < values.Length; i++)
            values[i] = items[i].Value(subject);
        return values;
    }

    /// <summary>Returns a text.</summary>
    /// <exception cref="RedisConnectionLostException">The answer is not a text.</exception>
    public static RedisValue Value(this RedisResult result, string subject) =>
        !result.IsNull && result.Resp2Type is ResultType.BulkString or ResultType.SimpleString
            ? (RedisValue)result
            : throw RedisConnectionLostException.UnexpectedReply($"{subject} is {Description(result)} and not a text");

    /// <summary>Returns a number.</summary>
    /// <exception cref="RedisConnectionLostException">The answer is not a number.</exception>
    public static long Number(this RedisResult result, string subject) =>
        result.Resp2Type == ResultType.Integer
            ? (long)result
            : throw RedisConnectionLostException.UnexpectedReply(
                $"{subject} is {Description(result)} and not a number");

    /// <summary>Describes an answer for messages.</summary>
    public static string Description(RedisResult result) => result.IsNull ? "nothing" : result.Resp2Type switch
    {
        ResultType.Array => $"a list of {result.Length}",
        ResultType.Integer => $"the number {result}",
        ResultType.Error => $"the error '{Shortened(result.ToString())}'",
        _ => $"the text '{Shortened(result.ToString())}'",
    };

    private static string Shortened(string text) => text.Length <= 100 ? text : text[..100];
}
