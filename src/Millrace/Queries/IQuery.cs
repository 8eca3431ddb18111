namespace Millrace;

/// <summary>A request that reads data and changes nothing, such as <c>GetOrder</c>.</summary>
/// <typeparam name="TResult">The type of the answer.</typeparam>
public interface IQuery<TResult>;
