using System.Globalization;
using Millrace.Faults;

// A node on PostgreSQL that appends and reads for its clients over HTTP, while eight consumers run. It is made to be
// killed, and ends when its standard input does, so that it does not outlive a client that started it.
//   usage: Millrace.Faults.Server CONNECTION PORT [LIES]
// With a number for LIES every so manieth append is acknowledged and not written: to see that such a node is found out.
var lies = args.Length > 2 ? int.Parse(args[2], CultureInfo.InvariantCulture) : 0;
await using var node = await ServingNode.Start(args[0], int.Parse(args[1], CultureInfo.InvariantCulture), lies);
await Console.In.ReadToEndAsync();
