using System.Text.Json;

namespace Millrace.Serialization;

/// <summary>
/// A value is of a class that its member's declared type does not list, so that what the class adds would be lost.
/// Nothing was written.
/// </summary>
/// <remarks>
/// An append throws it as the inner exception of <see cref="CannotSerializeException"/>. Declare the member as the
/// class itself, seal the declared type, or list the class there with <c>[JsonDerivedType(typeof(…), "name")]</c>.
/// </remarks>
public sealed class UndeclaredTypeException : JsonException
{
    private UndeclaredTypeException(string message, Type declared, Type actual, string member)
        : base(message) => (DeclaredType, ActualType, Member) = (declared, actual, member);

    /// <summary>The type that the member is declared as.</summary>
    public Type DeclaredType { get; }

    /// <summary>The type of the value.</summary>
    public Type ActualType { get; }

    /// <summary>The name of the member in JSON; <c>item</c> for the item of a collection, empty for a value that is no
    /// member.</summary>
    public string Member { get; }

    internal static UndeclaredTypeException Of(Type declared, object value, string member, string owner)
    {
        var (actual, name) = (value.GetType(), declared.Name);
        var subject = member.Length == 0 ? $"The {owner}" : $"The member '{member}' of {owner}";
        var text =
            $"{subject} is declared as {name}, but its value is a {actual.Name}, whose own members would be lost. "
            + $"Declare it as {actual.Name}, or mark {name} with [JsonDerivedType(typeof({actual.Name}), \"…\")]; "
            + $"seal {name} if no class is to derive from it.";
        return new(text, declared, actual, member);
    }
}
