namespace Millrace;

/// <summary>A type whose values can be keys, because each value has a text that identifies it.</summary>
/// <remarks>
/// For types marked with <c>[Id&lt;T&gt;]</c> or <c>[Value&lt;T&gt;]</c>, the generator implements this interface. In a
/// handwritten implementation, equal values must have equal texts, and different values must have different texts. The
/// texts must not depend on the culture. Also implement <see cref="IParsable{TSelf}"/>, so that Millrace can read an
/// aggregate's id from the name of its stream.
/// </remarks>
public interface IKeyText
{
    /// <summary>Returns the text that identifies this value.</summary>
    string ToKeyText();
}
