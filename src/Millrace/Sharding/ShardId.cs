using System.Text.Json.Serialization;
using Millrace.Sharding;

namespace Millrace;

/// <summary>
/// The name of a shard, which is one of the stores of an application. It has 1 to 32 lower case letters, digits and
/// <c>-</c>, and starts with a letter or a digit.
/// </summary>
/// <remarks>
/// The name is part of the placement of keys, so it never changes. The default value is not valid.
/// </remarks>
[JsonConverter(typeof(ShardIdJsonConverter))]
public readonly record struct ShardId
{
    /// <summary>The maximum length of a name: 32 characters.</summary>
    public const int MaxLength = 32;

    private readonly string? _value;

    /// <summary>Creates the name of a shard.</summary>
    /// <exception cref="InvalidNameException">The name is not valid.</exception>
    public ShardId(string value)
    {
        ArgumentNullException.ThrowIfNull(value);
        _value = Problem(value) is { } problem ? throw new InvalidNameException("shard", value, problem) : value;
    }

    /// <summary>Gets the name.</summary>
    /// <exception cref="InvalidOperationException">This is the default value, which is not a shard.</exception>
    public string Value =>
        _value ?? throw new InvalidOperationException("The default ShardId is not a shard. Create one with a name.");

    /// <summary>Parses a name, without throwing.</summary>
    public static bool TryParse(string? value, out ShardId shard)
    {
        shard = default;
        if (value is null || Problem(value) is not null)
            return false;
        shard = new ShardId(value);
        return true;
    }

    /// <inheritdoc/>
    public override string ToString() => _value ?? "(no shard)";

    private static string? Problem(string value)
    {
        if (value.Length is 0 or > MaxLength)
            return $"it must have 1 to {MaxLength} characters";
        if (value[0] == '-')
            return "it must start with a letter or a digit";
        foreach (var character in value)
        {
            if (!char.IsAsciiLetterLower(character) && !char.IsAsciiDigit(character) && character != '-')
                return "it can contain only lower case letters, digits and '-'";
        }
        return null;
    }
}
