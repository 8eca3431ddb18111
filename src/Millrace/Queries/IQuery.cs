namespace Millrace;

/// <summary>A request to read, which changes nothing: <c>GetOrder</c>.</summary>
/// <typeparam name="TResult">What the answer carries.</typeparam>
public interface IQuery<TResult>;
