using System.Text.Json;

namespace Millrace.Serialization;

/// <summary>
/// Thrown when a value has a class that the declared type of its member does not list, so that the additional members
/// of the class would be lost. Nothing was written.
/// </summary>
/// <remarks>
/// An append throws it as the inner exception of <see cref="CannotSerializeException"/>. Declare the member as that
/// class, seal the declared type, or list the class on it with <c>[JsonDerivedType(typeof(…), "name")]</c>.
/// </remarks>
public sealed class UndeclaredTypeException : JsonException
{
    private UndeclaredTypeException(string message, Type declared, Type actual, string member)
        : base(message)
    {
        DeclaredType = declared;
        ActualType = actual;
        Member = member;
    }

    /// <summary>Gets the declared type of the member.</summary>
    public Type DeclaredType { get; }

    /// <summary>Gets the type of the value.</summary>
    public Type ActualType { get; }

    /// <summary>
    /// Gets the name of the member in JSON; <c>item</c> for an item of a collection, empty for a value that is not a
    /// member.
    /// </summary>
    public string Member { get; }

    internal static UndeclaredTypeException Of(Type declared, object value, string member, string owner)
    {
        var actual = value.GetType();
        var name = declared.Name;
        var subject = member.Length == 0 ? $"The {owner}" : $"The member '{member}' of {owner}";
        var text =
            $"{subject} is declared as {name}, but its value is a {actual.Name}, whose added members would be lost. "
            + $"Declare it as {actual.Name}, or mark {name} with [JsonDerivedType(typeof({actual.Name}), \"…\")], "
            + $"or seal {name} if no class derives from it.";
        return new(text, declared, actual, member);
    }
}
