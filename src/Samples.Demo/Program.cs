using Samples.Demo;

using var stop = new StopSignal();
return await new DemoRun(Places.Find(), stop.Token).RunAsync();
