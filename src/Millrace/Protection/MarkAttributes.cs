using System.Reflection;
using System.Text.Json.Serialization.Metadata;

namespace Millrace.Protection;

/// <summary>Finds the attributes of marked members in metadata of System.Text.Json.</summary>
internal static class MarkAttributes
{
    /// <summary>Returns whether a member, or the constructor parameter that declares it, has a mark.</summary>
    public static bool AreOn(JsonPropertyInfo member) =>
        AreOn(member.AttributeProvider) || AreOn(member.AssociatedParameter?.AttributeProvider);

    /// <summary>Returns whether a member or a parameter has a mark.</summary>
    public static bool AreOn(ICustomAttributeProvider? attributes) =>
        attributes is not null
        && (attributes.IsDefined(typeof(PersonalDataAttribute), inherit: true)
            || attributes.IsDefined(typeof(SecretAttribute), inherit: true));
}
