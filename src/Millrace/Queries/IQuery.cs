namespace Millrace;

/// <summary>A request to read, which changes nothing: <c>GetOrder</c>.</summary>
/// <typeparam name="TResult">The type of the answer.</typeparam>
public interface IQuery<TResult>;
